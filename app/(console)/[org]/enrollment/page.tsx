import type { Metadata } from 'next';
import { EnrollmentPage } from '@/components/enrollment/enrollment-page.tsx';

export const metadata: Metadata = { title: 'Enrollment' };

export default EnrollmentPage;
